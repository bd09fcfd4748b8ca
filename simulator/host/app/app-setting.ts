// Replaces `%NAME%` in a binding property with the app setting NAME.

import { StartError } from '../start-error.ts';

/**
 * Returns `text` with each `%NAME%` replaced. `what` names the property in errors: "its schedule".
 */
export function expandSettings(text: string, owner: string, what: string): string {
  return text.replaceAll(/%([^%]+)%/g, (_whole, name: string) => {
    const value = process.env[name];
    if (value === undefined || value === '')
      throw new StartError(`Function "${owner}": ${what} names the setting "${name}", which is not set.`);
    return value;
  });
}
