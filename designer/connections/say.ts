import { sayer } from "../i18n/bundle.ts";
import { webhooksTexts } from "../i18n/en/webhooks.ts";

/** A sentence on webhook subscriptions. */
export const say = sayer("webhooks", webhooksTexts);
