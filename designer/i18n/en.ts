import type { auditTexts } from "./en/audit.ts";
import { canvasTexts } from "./en/canvas.ts";
import { connectionsTexts } from "./en/connections.ts";
import { environmentsTexts } from "./en/environments.ts";
import type { exceptionsTexts } from "./en/exceptions.ts";
import { expressionTexts } from "./en/expression.ts";
import { flowsTexts } from "./en/flows.ts";
import { inspectorTexts } from "./en/inspector.ts";
import { peopleTexts } from "./en/people.ts";
import { previewTexts } from "./en/preview.ts";
import type { promotionTexts } from "./en/promotion.ts";
import { runsTexts } from "./en/runs.ts";
import type { tokensTexts } from "./en/tokens.ts";
import type { versionsTexts } from "./en/versions.ts";

/**
 * The English catalogue: what more than one screen says, and the texts of each screen. Words are those of the design;
 * sentences are plain and in sentence case.
 */
export const en = {
  product: "Orderloom",
  nav: {
    label: "Main",
    skip: "Skip to the content",
    flows: "Flows",
    runs: "Runs",
    exceptions: "Exceptions",
    connections: "Connections",
    tables: "Tables",
    audit: "Audit",
    openExceptions_one: "{{count}} dead letter waits",
    openExceptions_other: "{{count}} dead letters wait",
  },
  environment: {
    choose: "Change the environment; now {{title}}",
    protected: "Protected",
    unknownTitle: "There is no environment “{{id}}”",
    unknownText: "The address names an environment that this installation does not have.",
    goTo: "Go to {{title}}",
  },
  scheme: { label: "Colours", light: "Light", dark: "Dark", auto: "As the system" },
  common: {
    retry: "Try again",
    cancel: "Cancel",
    close: "Close",
    copy: "Copy",
    copied: "Copied",
    copyNamed: "Copy {{what}}",
    loading: "Loading",
    none: "None",
    more: "Show more",
    clearSearch: "Clear the search",
    never: "Never",
    unknownFault: "Something unforeseen went wrong in the designer.",
    reload: "Reload the page",
    pageGone: "There is nothing at this address",
    pageGoneText: "It may have been moved or renamed.",
    toStart: "Go to the start",
    resize: "Change the width of the panel",
    actions: "Actions",
    version: "v{{number}}",
  },
  kind: { source: "Source", transform: "Transform", control: "Control", sink: "Sink" },
  state: {
    RUNNING: "Running",
    SUCCEEDED: "Succeeded",
    PARTIAL: "Partial",
    DEAD: "Dead",
    CANCELLED: "Cancelled",
    READY: "Ready",
    CLAIMED: "Running",
    DONE: "Done",
    done: "Done",
    failed: "Failed",
    waiting: "Waiting",
    notReached: "Not reached",
    open: "Open",
    retried: "Retried",
    resolved: "Resolved",
    active: "Active",
    held: "Held",
    paused: "Paused",
    authFailed: "Sign-in refused",
    notAnswering: "Not answering",
    tried: "Being tried",
    askedToWait: "Asked to wait",
    atRate: "At its rate",
  },
  outcome: {
    invalid: "Invalid",
    rejected: "Rejected",
    duplicate: "Duplicate",
    auth: "Sign-in refused",
    rateLimited: "Rate limited",
    transient: "Transient",
    timeout: "Timeout",
    inDoubt: "In doubt",
    tooLarge: "Too large",
    poison: "Poison",
    cancelled: "Cancelled",
    bug: "Bug",
    ok: "OK",
  },
  time: { now: "just now" },
  ...flowsTexts,
  ...canvasTexts,
  ...inspectorTexts,
  ...expressionTexts,
  ...previewTexts,
  ...runsTexts,
  ...connectionsTexts,
  ...environmentsTexts,
  ...peopleTexts,
};

/** With what comes later, with the part that shows it. */
type Later = typeof auditTexts & typeof exceptionsTexts & typeof promotionTexts & typeof tokensTexts & typeof versionsTexts;
export type Texts = typeof en & Later;
