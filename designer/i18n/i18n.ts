import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en, type Texts } from "./en.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "designer";
    resources: { designer: Texts };
  }
}

/** Every sentence of the designer comes from the catalogue; another language is another file beside `en.ts`. */
export const ready = i18next.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  defaultNS: "designer",
  ns: ["designer"],
  resources: { en: { designer: en } },
  interpolation: { escapeValue: false },
  returnNull: false,
});
