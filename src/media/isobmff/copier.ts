// The entry of the second thread that moves bytes: a bundle of its own, since a thread that loaded the whole worker would
// take as long as a short copy does, and thirty megabytes.

import { helpCopying } from './copy-thread.js';

helpCopying();
