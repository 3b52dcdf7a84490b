/** Where the picture of this name is read. Another picture has another name, so that caches may keep it for ever. */
export const pictureAddress = (name: string): string => `/api/pictures/${name}`;
