/**
 * By which this page lets styles be added to it: Vite puts it where the server finds its place. Read once, for the browser
 * gives it to scripts of the page alone.
 */
export const styleNonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

// The library that keeps a page behind a dialog from scrolling looks for it here (https://github.com/theKashey/get-nonce).
Object.assign(globalThis, { __webpack_nonce__: styleNonce });
