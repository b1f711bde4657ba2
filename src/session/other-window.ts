import { isOrphan, markedName } from '../nemo/process-mark.js';

// Windows may share a store: two tabs of one VS Code server on the same folder do.

/** Stands for this process wherever it says that something is its own. */
export const thisWindow = markedName();

/** Whether the process that this mark stands for is another one than ours, and runs. */
export function isOpenElsewhere(holder: string | undefined): boolean {
  return holder !== undefined && !holder.startsWith(`${process.pid}-`) && !isOrphan(holder);
}
