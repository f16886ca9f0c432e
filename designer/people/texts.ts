import i18next from "i18next";
import { tokensTexts } from "../i18n/en/tokens.ts";

/** The texts of tokens come with what shows them; whatever says one of them imports this. */
i18next.addResourceBundle("en", "designer", tokensTexts);
