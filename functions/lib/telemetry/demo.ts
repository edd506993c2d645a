/** Ids of demo cars begin so. */
export const demoPrefix = 'demo-';
