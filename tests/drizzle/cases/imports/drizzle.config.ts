import type { Config } from 'drizzle-kit';
const base = './src/db';
export default { dialect: 'postgresql', schema: `${base}/index.ts`, out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL ?? '' } } satisfies Config;
