/**
 * The one place that knows VS Code's webview toolkit. It is no longer developed upstream: whoever replaces it gives
 * the elements `vscode-button`, `vscode-text-field` and `vscode-progress-ring` here, and the panel stays as it is.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField(), vsCodeProgressRing());

/** What the panel uses of `vscode-text-field`. */
export interface TextFieldElement extends HTMLElement {
  value: string;
  /** The input inside; undefined before the element has been connected. */
  readonly control?: HTMLInputElement;
}
