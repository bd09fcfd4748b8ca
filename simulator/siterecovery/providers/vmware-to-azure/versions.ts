/** The version of the agent in the machines, and of the servers that install it. */
export const AGENT_VERSION = '9.55.6765.1';
