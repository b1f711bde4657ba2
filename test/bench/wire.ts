import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { createEventDecoder } from '../../src/nemo/event-stream.js';
import { MAX_UPLOAD_BYTES } from '../../src/nemo/formats.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { median, print, quantile } from './figures.js';
import { MB, withServer, type Served } from './served.js';
import { EVENTS, manyEvents, PACED_EVENTS } from './wire-server.js';

const PAIRS = 7;

/** The client over loopback: upload against curl, memory, decoding, latency. Prints figures; judges nothing. */
export async function run(): Promise<void> {
  await withServer(async (served) => {
    await upload(served);
    await decoding(served.client);
    await latency(served.client, served.baseUrl);
  });
}

async function upload({ client, baseUrl, largeFile }: Served): Promise<void> {
  const path = await largeFile();
  let peak = 0;
  const ours = async (): Promise<number> => {
    const start = performance.now();
    await client.upload('1', [path], { onProgress: () => (peak = Math.max(peak, process.memoryUsage.rss())) });
    return (performance.now() - start) / 1000;
  };
  const curl = async (): Promise<number> => {
    const url = `${baseUrl}/api/upload-video/nemo_agent/me/1`;
    const args = ['-sS', '-o', '/dev/null', '-w', '%{time_total}', '-H', 'Expect:', '-F', `files=@${path}`, url];
    return Number((await promisify(execFile)('curl', args)).stdout);
  };
  // The first run of each warms up; the memory of the compiled code is no growth.
  await ours();
  await curl();
  const before = process.memoryUsage.rss();
  peak = before;
  const pairs: { ours: number; curl: number }[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // In turns, so that neither always comes first.
    if (pair % 2 === 0) pairs.push({ ours: await ours(), curl: await curl() });
    else {
      const first = await curl();
      pairs.push({ curl: first, ours: await ours() });
    }
  }
  const speed = (seconds: number): string => `${(MAX_UPLOAD_BYTES / MB / seconds).toFixed(0)} MB/s`;
  print(`upload of ${MAX_UPLOAD_BYTES / MB} MB, median of ${PAIRS} pairs`);
  print(`  ours       ${speed(median(pairs.map((pair) => pair.ours)))}`);
  print(`  curl -F    ${speed(median(pairs.map((pair) => pair.curl)))}`);
  print(`  ratio      ${median(pairs.map((pair) => pair.curl / pair.ours)).toFixed(2)} (goal ≥ 0.9)`);
  print(`  RSS growth ${((peak - before) / MB).toFixed(1)} MB (goal < 64 MB)`);
}

async function decoding(client: NemoClient): Promise<void> {
  const bytes = Buffer.from(manyEvents().join(''));
  const alone = await medianTime(5, () => {
    const decoder = createEventDecoder();
    let count = 0;
    for (let at = 0; at < bytes.length; at += 64 * 1024)
      count += decoder.feed(bytes.subarray(at, at + 64 * 1024)).length;
    count += decoder.end().length;
    if (count < EVENTS) throw new Error(`${count} events`);
    return Promise.resolve();
  });
  const wired = await medianTime(5, async () => {
    let count = 0;
    for await (const _ of client.run({ sessionId: '1', text: 'all' })) count += 1;
    if (count < EVENTS) throw new Error(`${count} events`);
  });
  print(`decoding ${EVENTS} events (${(bytes.length / MB).toFixed(1)} MB), median of 5`);
  print(`  decoder    ${rate(alone)}`);
  print(`  over HTTP  ${rate(wired)}`);
}

/** From the server's write to the caller's hands: ours against a bare socket that only looks for the number. */
async function latency(client: NemoClient, baseUrl: string): Promise<void> {
  const now = (): number => performance.timeOrigin + performance.now();
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    for await (const event of client.run({ sessionId: '1', text: 'paced' })) {
      if (event.type === 'text') ours.push(now() - Number(event.text));
    }
    await new Promise<void>((resolve, reject) => {
      const asked = request(`${baseUrl}/run_sse`, { method: 'POST' }, (answer) => {
        answer.on('data', (chunk: Buffer) => {
          const arrived = now();
          for (const [, sent] of chunk.toString().matchAll(/"content":"([\d.]+) "/g)) bare.push(arrived - Number(sent));
        });
        answer.on('end', resolve).on('error', reject);
      });
      asked.on('error', reject);
      asked.end('paced');
    });
  }
  const milliseconds = (value: number): string => `${value.toFixed(3)} ms`;
  print(`latency of ${PACED_EVENTS * 2} single events`);
  print(`  ours       ${milliseconds(median(ours))}, 99 % within ${milliseconds(quantile(ours, 0.99))}`);
  print(`  bare HTTP  ${milliseconds(median(bare))}, 99 % within ${milliseconds(quantile(bare, 0.99))}`);
  print(`  added      ${milliseconds(median(ours) - median(bare))} an event`);
}

async function medianTime(runs: number, work: () => Promise<void>): Promise<number> {
  await work();
  const times: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return median(times);
}

function rate(milliseconds: number): string {
  return `${Math.round((EVENTS / milliseconds) * 1000).toLocaleString('en')} events/s (${milliseconds.toFixed(0)} ms)`;
}
