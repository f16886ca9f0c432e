import i18next from "i18next";
import { exceptionsTexts } from "../i18n/en/exceptions.ts";

/** The texts of dead letters come with what shows them; whatever says one of them imports this. */
i18next.addResourceBundle("en", "designer", exceptionsTexts);
