/** The list of flows. */
export const flowsTexts = {
  flows: {
    title: "Flows",
    searchLabel: "Search flows by name, owner or tag",
    name: "Flow",
    owner: "Owner",
    noOwner: "No owner",
    deployed: "Deployed",
    notDeployed: "Not deployed",
    runs24h: "Runs, 24 h",
    deadLetters: "Dead letters",
    lastRun: "Last run",
    paused: "paused",
    create: "New flow",
    emptyTitle: "No flows yet",
    emptyText:
      "A flow takes messages from a source, reshapes them and posts them to a system. Start with an empty canvas and add a source.",
    noMatch: "No flow matches “{{query}}”",
    noMatchText: "Search looks at names, owners, tags and ids.",
    toList: "Go to the flows",
    createTitle: "New flow",
    createName: "Name",
    createId: "Id",
    createIdHint: "Stands in addresses and files; it cannot be changed later.",
    createIdBad: "Use small letters, digits and hyphens; start with a letter.",
    createDo: "Create flow",
  },
};
