/** The question before a draft is given up for a version. */
export const restoringTexts = {
  restore: {
    title: "Give up the draft for v{{number}}?",
    text: "The draft is not what v{{latest}} is, the version published last. What of it is in no version is lost once the draft is what v{{number}} is. To keep it, publish it first: a version that runs nowhere harms nobody.",
    see: "See what the draft changes",
    do: "Restore and give up the draft",
  },
};
