// The curl lines of a guide, and a person that pastes one after the other into a shell.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '../../simulator/simulator.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A line as the guide shows it. */
export interface DocumentedLine {
  readonly method: string;
  readonly path: string;
  readonly who: string;
  readonly key: string | undefined;
  readonly body: string | undefined;
}

/** The lines of all shell blocks of the document. Throws when a line has another form. */
export function readDocumentedLines(document: string): readonly DocumentedLine[] {
  const blocks = [...readFileSync(join(ROOT, document), 'utf8').matchAll(/```sh\n(.*?)```/gs)];
  const text = blocks.map(([, block = '']) => block).join('\n');
  const lines = [
    ...text
      .replaceAll('\\\n', '')
      .matchAll(
        /^curl -s (?:-X (\w+) )?"?\$LIFEBOAT([^\s"]+)"? -H "Authorization: Bearer \$(\w+)"(?: -H "Idempotency-Key: (\S+)")?(?:\s+--json '(.*)')?$/gm,
      ),
  ].map(([, method, path = '', who = '', key, body]) => ({
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    path,
    who: who.toLowerCase(),
    key,
    body,
  }));
  const count = [...text.matchAll(/^curl/gm)].length;
  if (lines.length !== count || count === 0)
    throw new Error(`${document} has ${count} lines with curl, and ${lines.length} in the known form.`);
  return lines;
}

/** Sends the line. `variables` are the values that a person has exported before. */
export async function pasteLine(
  simulator: Simulator,
  { method, path, who, key, body }: DocumentedLine,
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(new URL(expandVariables(path, variables), simulator.host.url), {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await simulator.token(who)}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: expandVariables(body, variables) }),
  });
  return { status: answer.status, body: await answer.json() };
}

/** A variable ends the quoted text of a body: `'$VM'`. */
export const expandVariables = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replaceAll(/'?\$([A-Z]+)'?/g, (written, name: string) => variables[name] ?? written);
