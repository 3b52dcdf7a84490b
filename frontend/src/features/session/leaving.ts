let leaving = false;

/** True while the person logs out on purpose: the end of this session is then no news to them. */
export const isLeaving = (): boolean => leaving;

export const whileLeaving = async (logOut: () => Promise<void>): Promise<void> => {
  leaving = true;
  try {
    await logOut();
    // The page that reads it renders after the promise is settled.
    await new Promise((done) => setTimeout(done));
  } finally {
    leaving = false;
  }
};
