import i18next from "i18next";
import { versionsTexts } from "../i18n/en/versions.ts";

/** The texts of versions come with what shows them; whatever says one of them imports this. */
i18next.addResourceBundle("en", "designer", versionsTexts);
