export * from './save'
export { default as setStatus } from './save'
export * from './helpers'
