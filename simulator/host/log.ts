// The log of the host and the app. Each line has the form `time level [function] message`.

/** The log levels of the Functions runtime. */
export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical';

/** Writes a log line. `source` is a function or `host`. */
export type Log = (level: LogLevel, source: string, message: string) => void;

/** Creates a log that writes each message as one line, whatever characters the message contains. */
export function createLineLog(now: () => number, write: (line: string) => void): Log {
  return (level, source, message) => {
    const time = new Date(now()).toISOString();
    write(`${time} ${level} [${source}] ${message.replaceAll(/\r?\n/g, '\\n')}\n`);
  };
}

/** Returns an error's stack. For the log alone: callers of the host must not see the stack. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
