// Every problem code that the service can answer with, and what a person should know of the code.
// The type of a problem document leads to the page of its code.
import { config } from '../../core/config.ts';
import type { ProblemExplanation } from './explanation.ts';
import { FEATURE_PROBLEMS } from './features.ts';
import { JOB_PROBLEMS } from './jobs.ts';
import { SERVICE_PROBLEMS } from './service.ts';

export const PROBLEMS = { ...SERVICE_PROBLEMS, ...JOB_PROBLEMS, ...FEATURE_PROBLEMS } as const;
export type ProblemName = keyof typeof PROBLEMS;

export const problemExplanationOf = (code: string): ProblemExplanation | undefined =>
  Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemName] : undefined;

export const problemPathOf = (code: string): string => `/api/problems/${code}`;

/** A whole address where the settings say where Lifeboat is, otherwise the path alone. */
export const problemUrlOf = (code: string): string => `${lifeboatAddress()}${problemPathOf(code)}`;

function lifeboatAddress(): string {
  try {
    return config().LIFEBOAT_ADDRESS ?? '';
  } catch {
    // The problem itself may be that the settings are wrong.
    return '';
  }
}
