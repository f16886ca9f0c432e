/** While the server cannot be reached; a bundle of its own, read once the first page stands. */
export const lostTexts = {
  notice: {
    title: "The server cannot be reached",
    text: "What you see may be old. It goes on by itself as soon as there is an answer.",
  },
};
