import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { onTestFinished } from 'vitest';
import { createIngress } from '../ingress.ts';
import { onlyLocal } from '../only-local.ts';
import { aRuntime } from '../test-runtime.ts';
import { KubeApi } from './api.ts';
import type { KubeObject } from './object-store.ts';

type Handlers = Parameters<typeof aRuntime>[1];

/** An event of a watch, with what tests look at. */
export interface WatchEvent {
  type: string;
  object: KubeObject;
}

/** The internal port over a runtime of the YAML given, on a clock moved by hand. */
export async function anApi(yaml: string[], handlers: Handlers) {
  const made = await aRuntime(yaml, handlers);
  const kube = new KubeApi({
    runtime: made.runtime,
    clock: made.clock,
    ingressUrl: 'http://127.0.0.1:8081',
    publicUrl: 'http://localhost:8080',
    alwaysOn: (name) => name === 'query',
  });
  const app = express().use(onlyLocal).use(kube.handle).use(createIngress(made.runtime.publish, made.metrics));
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    kube.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const ask = (path: string, options?: RequestInit) => fetch(url + path, options);
  /** What a path answers, as JSON. */
  const json = async <Body = KubeObject & { items: KubeObject[]; code: number; message: string }>(
    path: string,
    accept?: string,
  ) => (await (await ask(path, accept === undefined ? {} : { headers: { accept } })).json()) as Body;
  /** Events of a watch as they come, till the test ends. */
  const watch = async (path: string, accept?: string) => {
    const events: WatchEvent[] = [];
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${url}${path}`, { headers: { ...(accept && { accept }) } }, resolve).on('error', reject);
    });
    let rest = '';
    const ended = new Promise<void>((resolve) => response.on('end', resolve).on('close', resolve));
    response.setEncoding('utf8').on('data', (text: string) => {
      rest += text;
      if (!text.includes('\n')) return;
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      events.push(...lines.map((line) => JSON.parse(line) as WatchEvent));
    });
    /** Waits for the next events, and takes them. */
    const take = async (count: number) => {
      while (events.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
      return events.splice(0, count);
    };
    return { response, events, take, ended, leave: () => response.destroy() };
  };
  return { ...made, kube, port, url, ask, json, watch };
}
