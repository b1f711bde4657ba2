let waiting: (() => unknown) | undefined;

/**
 * Moves the keyboard within the page, at once or when VS Code gives it to the page. The page never takes it by itself: a
 * list that VS Code shows above it at that moment would lose it and close.
 *
 * @param move what was asked for before and waits is left out then
 */
export function whenKeyboardGiven(move: () => unknown): void {
  waiting = document.hasFocus() ? void move() : move;
}

window.addEventListener('focus', () => {
  waiting?.();
  waiting = undefined;
});
