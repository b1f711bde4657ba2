// The engine of this machine in a process of its own, in NemoVideo's place: it can be killed while the window lives.
import { startLocalEngine } from '../../src/local/engine.js';
import { createMediaEngine } from '../../src/media/engine.js';

const [workerPath = '', dataFolder = ''] = process.argv.slice(2);
const media = createMediaEngine({ workerPath });
const engine = await startLocalEngine({ media, dataFolder });
process.send?.({ baseUrl: engine.baseUrl, token: engine.token });
process.on('disconnect', () => {
  void Promise.all([engine.close(), media.close()]).finally(() => process.exit(0));
});
