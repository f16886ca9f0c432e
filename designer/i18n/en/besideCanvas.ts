/** What stands beside the canvas now and then; it comes with what says it. */
export const besideCanvasTexts = {
  selected: {
    title: "{{count}} selected",
    card_one: "{{count}} card",
    card_other: "{{count}} cards",
    note_one: "{{count}} note",
    note_other: "{{count}} notes",
    edge_one: "{{count}} edge",
    edge_other: "{{count}} edges",
  },
  gone: {
    text: "The link leads to {{id}}, which is not in this draft. It may have been removed, or stand in an earlier version.",
  },
  leave: {
    title: "Your last changes are not saved",
    text: "The server has not taken them: {{reason}}",
    do: "Leave without them",
    stay: "Stay here",
  },
  elsewhere: {
    other: "{{who}} is editing too",
    otherHint: "{{who}} saved this flow a moment ago. What is saved there appears here.",
    self: "Edited in another tab too",
    selfHint: "You saved this flow a moment ago in another tab or by the API. What is saved there appears here.",
  },
};
