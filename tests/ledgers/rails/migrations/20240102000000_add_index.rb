class AddIndex < ActiveRecord::Migration[7.1]
  disable_ddl_transaction!

  def change
    add_index :a, :id, algorithm: :concurrently
  end
end
