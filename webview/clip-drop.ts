import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { askHost } from './ask-host.js';
import { carriesFiles, droppedUris } from './drop-uris.js';
import type { HostLink } from './host-link.js';
import { NoticeEvent } from './panel-events.js';

/** Files dragged over the panel: they are given to the host when they are dropped. */
export class ClipDrop implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #link: () => HostLink | undefined;
  #over = false;

  constructor(host: ReactiveControllerHost & HTMLElement, link: () => HostLink | undefined) {
    this.#host = host;
    this.#link = link;
    host.addController(this);
    host.addEventListener('dragover', this.#dragOver);
    host.addEventListener('dragleave', () => this.#show(false));
    host.addEventListener('drop', this.#drop);
  }

  /** Files are over the panel now. */
  get over(): boolean {
    return this.#over;
  }

  hostDisconnected(): void {
    this.#over = false;
  }

  #show(over: boolean): void {
    this.#over = over;
    this.#host.requestUpdate();
  }

  readonly #dragOver = (event: DragEvent): void => {
    if (!event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    if (!this.#over) this.#show(true);
  };

  readonly #drop = (event: DragEvent): void => {
    this.#show(false);
    if (!event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    const uris = droppedUris(event.dataTransfer);
    if (uris.length > 0) {
      void askHost(this.#host, this.#link(), { type: 'drop', uris });
      return;
    }
    this.#host.dispatchEvent(
      new NoticeEvent('VS Code does not say where dropped files of the desktop are. Choose the clip here.'),
    );
    void askHost(this.#host, this.#link(), { type: 'attach' });
  };
}
