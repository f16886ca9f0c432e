/** What a person gives of a connection; and how environments are called where one is chosen. */
export const environmentsTexts = {
  environments: {
    title: "Environments",
    manage: "Environments",
  },
  connectionForm: {
    create: "New connection",
    createTitle: "New connection in {{environment}}",
    editTitle: "Change {{name}}",
    edit: "Change",
    connector: "System",
    name: "Name",
    nameHint: "Small letters, digits and hyphens; it cannot be changed later.",
    kept: "Kept as it is",
    again: "It would go to {{places}} from now on: enter it again.",
    createDo: "Make connection",
    save: "Save",
    saved: "{{name}} is saved.",
  },
};
