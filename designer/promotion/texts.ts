import i18next from "i18next";
import { promotionTexts } from "../i18n/en/promotion.ts";
import "../versions/texts.ts";

/** The texts of promotions come with what shows them; whatever says one of them imports this. */
i18next.addResourceBundle("en", "designer", promotionTexts);
