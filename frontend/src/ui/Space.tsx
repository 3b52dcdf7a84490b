/** A space between elements that are read as one line. As a text of its own between them, it would be bare. */
export const Space = () => <span> </span>;
