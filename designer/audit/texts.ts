import i18next from "i18next";
import { auditTexts } from "../i18n/en/audit.ts";

/** The texts of the audit come with what shows them; whatever says one of them imports this. */
i18next.addResourceBundle("en", "designer", auditTexts);
