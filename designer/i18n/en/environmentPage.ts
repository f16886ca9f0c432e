/** The page of environments; a bundle of its own, read with it. */
export const environmentPageTexts = {
  page: {
    title: "Environments",
    create: "New environment",
    edit: "Change",
    remove: "Remove",
    removed: "{{title}} is removed.",
    protection: "How versions come in",
    rank: "Rank",
    name: "Name",
  },
  form: {
    createDo: "Make environment",
    editTitle: "Change {{title}}",
    save: "Save",
    id: "Id",
    idHint: "Stands in addresses and in the keys of effects; it cannot be changed later.",
    rankHint: "Versions go from lower to higher.",
    loosens: "Less than now only by an admin of all environments.",
    reach: "What connections may reach inside networks",
    reachHint: "Systems on the internet always. A range (private), a network (10.20.0.0/16) or a host (erp.internal:8069).",
    reachNone: "Nothing inside networks",
  },
  level: { none: "Directly", checks: "By promotion", approval: "By promotion and approval" },
  levelHint: {
    none: "Whoever operates it deploys any version.",
    checks: "Only by a promotion whose checks pass.",
    approval: "Only by a promotion that another person has approved.",
  },
  limits: { title: "Limits", none: "No limit" },
  limit: {
    evaluatedAtOnce: "Segments evaluated at once",
    acceptedPerSecond: "Messages accepted in a second",
    payloadDays: "Days that contents are kept",
  },
  limitHint: {
    evaluatedAtOnce: "Over all workers; what finds no place waits.",
    acceptedPerSecond: "Webhooks and calls; the sender of one more is told when to come again.",
    payloadDays: "Of messages that come from now on; without a limit as long as their runs, or as their connector demands.",
  },
  limited: {
    evaluatedAtOnce: "{{count}} at once",
    acceptedPerSecond: "{{count}} messages a second",
    payloadDays: "{{count}} days of contents",
  },
};
