/** The question before a flow is taken out of an environment. */
export const takeOutTexts = {
  takeOut: {
    title: "Take {{name}} out of {{environment}}?",
    refused:
      "It accepts nothing in {{environment}} any more: its webhooks are unsubscribed, and messages that are sent all the same are refused.",
    taken: "It had {{runs}} runs there in the last 24 hours.",
    underWay: "Runs under way go on to their end; dead letters can still be retried.",
    backDirectly: "To bring it back, deploy a version of it again.",
    backTakenUp:
      "To bring it back, take {{version}} up again on the page Promote to {{environment}}: it was promoted, and needs no new approval as long as nothing else runs there.",
    backChecked: "To bring it back takes a promotion whose checks pass.",
    backApproved: "To bring it back takes a promotion and the approval of another person: {{version}} did not come by one.",
    instead: "To stop it for a while, pause it instead: what is sent is accepted and held, and done when you resume it.",
    keep: "Leave it",
    pause: "Pause instead",
    do: "Take out of {{environment}}",
    done: "{{name}} does not run in {{environment}} any more.",
    paused: "{{name}} is paused in {{environment}}. Messages are accepted and held.",
  },
};
