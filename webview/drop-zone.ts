import * as l10n from '@vscode/l10n';
import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { askHost } from './ask-host.js';
import { carriesFiles, droppedUris, namesFiles } from './drop-uris.js';
import { FILE_RULES, NO_PLACE } from './file-rules.js';
import type { HostLink } from './host-link.js';
import { NoticeEvent } from './panel-events.js';

/**
 * Takes clips that are dropped anywhere on the panel, and says over it what a drop does. From VS Code's own Explorer a
 * page hears nothing of a drag until Shift is held: that is said where files are chosen.
 */
export class DropZone implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #link: () => HostLink | undefined;
  #over: 'named' | 'unnamed' | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, link: () => HostLink | undefined) {
    this.#host = host;
    this.#link = link;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.addEventListener('dragenter', this.#dragged);
    this.#host.addEventListener('dragover', this.#dragged);
    this.#host.addEventListener('dragleave', this.#left);
    this.#host.addEventListener('drop', this.#dropped);
  }

  hostDisconnected(): void {
    this.#host.removeEventListener('dragenter', this.#dragged);
    this.#host.removeEventListener('dragover', this.#dragged);
    this.#host.removeEventListener('dragleave', this.#left);
    this.#host.removeEventListener('drop', this.#dropped);
  }

  render(): TemplateResult | typeof nothing {
    if (!this.#over) return nothing;
    const words = this.#over === 'named' ? l10n.t('Drop to open, Shift held') : l10n.t('Drop, then choose the clip');
    return html`<div class="drop" role="status">
      <p>${words}<br /><small>${FILE_RULES}</small></p>
    </div>`;
  }

  #show(over: 'named' | 'unnamed' | undefined): void {
    if (over === this.#over) return;
    this.#over = over;
    this.#host.requestUpdate();
  }

  readonly #dragged = (event: DragEvent): void => {
    if (!event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.#show(namesFiles(event.dataTransfer) ? 'named' : 'unnamed');
  };

  /** The pointer also leaves one part of the panel for the next. */
  readonly #left = (event: DragEvent): void => {
    const { left, right, top, bottom } = this.#host.getBoundingClientRect();
    const inside = event.clientX > left && event.clientX < right && event.clientY > top && event.clientY < bottom;
    if (!inside) this.#show(undefined);
  };

  readonly #dropped = (event: DragEvent): void => {
    this.#show(undefined);
    if (!event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    const uris = droppedUris(event.dataTransfer);
    if (uris.length > 0) {
      void askHost(this.#host, this.#link(), { type: 'drop', uris });
      return;
    }
    this.#host.dispatchEvent(new NoticeEvent(NO_PLACE));
    void askHost(this.#host, this.#link(), { type: 'attach' });
  };
}
