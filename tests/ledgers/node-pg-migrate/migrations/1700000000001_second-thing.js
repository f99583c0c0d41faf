exports.up = (pgm) => {
  pgm.noTransaction();
  pgm.createTable('b', { id: 'id' });
};
