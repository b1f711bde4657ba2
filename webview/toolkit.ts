/**
 * The one place that knows VS Code's webview toolkit. It is no longer developed upstream: whoever replaces it gives the
 * element `vscode-button` here, and the panel stays as it is. Its other controls are left out: each brings more code
 * than the native one it wraps.
 */
import { provideVSCodeDesignSystem, vsCodeButton } from '@vscode/webview-ui-toolkit';

provideVSCodeDesignSystem().register(vsCodeButton());
