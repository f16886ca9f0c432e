/** What stands at other systems so that they send their webhooks here; read with the page of connections. */
export const webhooksTexts = {
  list: {
    title: "Webhook subscriptions",
    about: "While a flow is deployed, these systems are told to send their webhooks to its sources.",
    source: "Source",
    connection: "Connection",
    state: "State",
    standing: "Stands there",
    next: "Looked at next",
    byHand: "By hand",
    noAddress: "Not told",
    ending: "Not wanted any more; it is being taken out of the system.",
    nothing: "Nothing yet",
    until: "until",
    retry: "Try again",
    retryOf: "Try again: {{flow}}, {{node}}",
    retried: "{{connection}} is asked now.",
    forget: "Forget",
    forgetOf: "Forget: {{flow}}, {{node}}",
    forgotten: "Forgotten. What stands at {{connection}} stays there and is refused here.",
    failed: "The webhook subscriptions cannot be shown.",
  },
};
