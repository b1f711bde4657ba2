import { deepFocus } from './deep-focus.js';

let waiting: (() => unknown) | undefined;

/**
 * Moves the keyboard within the page, at once or when VS Code gives it to the page. The page never takes it by itself: a
 * list that VS Code shows above it at that moment would lose it and close.
 *
 * @param move what was asked for before and waits is left out then; so is this where the person gives the keyboard to
 *   another part of the page themselves
 */
export function whenKeyboardGiven(move: () => unknown): void {
  waiting = document.hasFocus() ? void move() : move;
}

window.addEventListener('focus', () => {
  const move = waiting;
  if (!move) return;
  const before = deepFocus();
  // What a click or the Tab key chooses has the keyboard a moment after the page has.
  setTimeout(() => {
    // By then a list may have it, which VS Code opens as it closes another: the page waits on.
    if (waiting !== move || !document.hasFocus()) return;
    waiting = undefined;
    if (deepFocus() === before) move();
  });
});
