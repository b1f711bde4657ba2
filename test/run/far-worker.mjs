// Stands in for dist/media-worker.mjs, and passes every message on to the worker of another system, which runs under an
// emulator. The tests of test/media judge that one then. See other-platforms.ts.
//
// The near end speaks to the test like a worker. The far end, in the emulated Node, starts the real one. Between them is
// a connection on loopback: a Windows program has no part in the pipes of this system.
import { Buffer } from 'node:buffer';
import { fork, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { deserialize, serialize } from 'node:v8';

/**
 * @typedef {object} FarSystem
 * @property {string} command of the emulator
 * @property {string[]} args Node, and its options
 * @property {Record<string, string>} env
 * @property {string} worker path as the far system has it
 * @property {string} script this file's path as the far system has it
 * @property {boolean} drives files of this system are on drive Z there
 */

const [role, port, worker] = process.argv.slice(2);
if (role === 'far') farEnd(Number(port), worker ?? '');

/** @param {FarSystem} far */
export function nearEnd(far) {
  /** @type {unknown[]} */
  const waiting = [];
  /** @type {import('node:net').Socket | undefined} */
  let line;
  const server = createServer((socket) => {
    line = socket;
    for (const message of waiting.splice(0)) send(socket, message);
    receive(socket, (message) => {
      if ('stderr' in message) process.stderr.write(message.stderr);
      else process.send?.(far.drives ? mapped(message, fromDrive) : message);
    });
    // The worker has ended: so does what stands for it.
    socket.on('close', () => process.exit(1)).on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    // With the options that the worker was to have; the far end passes on its own.
    const args = [...far.args, ...process.execArgv, far.script, 'far', String(port), far.worker];
    const child = spawn(far.command, args, {
      env: { ...process.env, ...far.env },
      stdio: 'ignore',
    });
    child.on('exit', () => process.exit(1));
    process.on('disconnect', () => {
      if (line) line.end();
      else child.kill();
    });
  });
  process.on('message', (message) => {
    const there = far.drives ? mapped(message, toDrive) : message;
    if (line) send(line, there);
    else waiting.push(there);
  });
  process.on('SIGINT', () => undefined);
}

/** @param {number} port @param {string} worker */
function farEnd(port, worker) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const child = fork(worker, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.on('message', (message) => send(socket, message));
  child.stderr?.on('data', (text) => send(socket, { stderr: String(text) }));
  child.on('close', () => socket.end(() => process.exit(0)));
  receive(socket, (message) => child.send(message));
  // The test wants the worker gone, or is gone itself.
  socket.on('end', () => child.connected && child.disconnect());
  socket.on('error', () => child.kill());
}

/** @param {import('node:net').Socket} socket @param {unknown} message */
function send(socket, message) {
  const body = serialize(message);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  socket.write(Buffer.concat([head, body]));
}

/** @param {import('node:net').Socket} socket @param {(message: any) => void} onMessage */
function receive(socket, onMessage) {
  let data = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    data = Buffer.concat([data, bytes]);
    while (data.length >= 4 && data.length >= 4 + data.readUInt32LE(0)) {
      const end = 4 + data.readUInt32LE(0);
      onMessage(deserialize(data.subarray(4, end)));
      data = data.subarray(end);
    }
  });
}

/** @param {string} text */
function toDrive(text) {
  return text.startsWith('/') ? `Z:${text.replaceAll('/', '\\')}` : text;
}

/** @param {string} text */
function fromDrive(text) {
  return text.startsWith('Z:\\') ? text.slice(2).replaceAll('\\', '/') : text;
}

/**
 * The value with each text in it changed.
 * @param {unknown} value
 * @param {(text: string) => string} change
 * @returns {unknown}
 */
function mapped(value, change) {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((part) => mapped(part, change));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapped(part, change)]));
}
