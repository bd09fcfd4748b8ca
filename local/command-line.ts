// Reads the options of `npm start` and `npm run demo`, and prints plain errors.

import { messageOf } from '../simulator/host/log.ts';

/** Reads the options. A wrong option prints one line and the help, and ends the process. */
export function readOptions<Options>(read: () => Options, help: string): Options {
  try {
    return read();
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${help}`);
    process.exit(1);
  }
}

/** The base port, checked. Eight servers need one port each. */
export function parsePortBase(text: string): number {
  if (/^[1-9]\d{3,4}$/.test(text) && Number(text) <= MAX_PORT_BASE) return Number(text);
  throw new Error(`--port-base must be a number from 1000 to ${MAX_PORT_BASE}, not "${text}".`);
}

const MAX_PORT_BASE = 65_528;
