/** Keys that parts of the page know by themselves; read with the sheet that lists them. */
export const shortcutTexts = {
  mapper: {
    title: "Field mapper",
    take: "Take a source field, choose a source for a target field",
    edit: "Edit the field's expression",
    accept: "Accept the suggestion",
    unmap: "Take the field's value away",
    leave: "Let go of the field taken, go back to the fields",
  },
  editor: {
    title: "Expression editor",
    complete: "Show what fits here",
    takeCompletion: "Take what is offered",
    format: "Format the expression",
    nextFault: "Go to the next fault",
  },
};
