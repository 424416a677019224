using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Saga.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SelectionColors : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "color",
                table: "selections",
                type: "character varying(7)",
                maxLength: 7,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "hidden",
                table: "selections",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "color",
                table: "selections");

            migrationBuilder.DropColumn(
                name: "hidden",
                table: "selections");
        }
    }
}
