// Every line that the host or the app has to say: `time level [function] message`.

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical';

/** `source` is the function that speaks, or `host`. */
export type Log = (level: LogLevel, source: string, message: string) => void;

/** A log that writes each message as one line, whatever the message contains. */
export function createLineLog(now: () => number, write: (line: string) => void): Log {
  return (level, source, message) => {
    const time = new Date(now()).toISOString();
    write(`${time} ${level} [${source}] ${message.replaceAll(/\r?\n/g, '\\n')}\n`);
  };
}

/** For the log alone: where it happened is nobody else's business. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
