/** Colours of notes and groups: apart from the flow's form, so that the canvas loads nothing of that. */
export const layoutColors = ["grey", "yellow", "green", "blue", "violet", "red"] as const;
