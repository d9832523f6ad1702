module.exports = { dialect: 'sqlite', schema: ['./src/**/*.schema.ts', './more/{c,d}.{ts,mts}'] };
