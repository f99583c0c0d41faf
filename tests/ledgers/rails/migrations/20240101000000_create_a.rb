class CreateA < ActiveRecord::Migration[7.1]
  def change
    create_table :a
  end
end
