import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach } from "vitest";

interface Drawing {
  box: HTMLElement;
  root: Root;
}

/** A place on the page for each test of a file to draw in: made before it, emptied and taken away after it. */
export function drawingOfEach(): Drawing {
  const drawing = {} as Drawing;
  beforeAll(() => {
    Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
  });
  beforeEach(() => {
    drawing.box = document.body.appendChild(document.createElement("div"));
    drawing.root = createRoot(drawing.box);
  });
  afterEach(() => {
    act(() => drawing.root.unmount());
    drawing.box.remove();
  });
  return drawing;
}
