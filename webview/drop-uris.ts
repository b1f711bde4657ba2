/** The part of a drag that says what is dragged. */
export interface DragPayload {
  readonly types: readonly string[];
  getData(type: string): string;
}

/** VS Code's own list first: it is there for every workspace, remote ones too; `text/uri-list` may name less. */
const LISTS = ['application/vnd.code.uri-list', 'text/uri-list'];

/** Whether files are dragged, also where the drop will not say where they are. */
export function carriesFiles(payload: DragPayload): boolean {
  return payload.types.includes('Files') || namesFiles(payload);
}

/** Whether a drop will say where the files are; while one drags, only the kinds of what is dragged can be read. */
export function namesFiles(payload: Pick<DragPayload, 'types'>): boolean {
  return LISTS.some((type) => payload.types.includes(type));
}

/** Addresses of what was dropped, as VS Code wrote them; empty when the drop only carries file contents. */
export function droppedUris(payload: DragPayload): string[] {
  for (const type of LISTS) {
    const lines = payload.getData(type).split(/\r?\n/);
    const uris = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
    if (uris.length > 0) return uris;
  }
  return [];
}
