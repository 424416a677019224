using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Saga.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SelectionHistory : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "first_revision",
                table: "selections",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<int>(
                name: "last_revision",
                table: "selections",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<int>(
                name: "revision",
                table: "selections",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<int>(
                name: "version",
                table: "selections",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<long>(
                name: "selections_version",
                table: "scenes",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "selection_revisions",
                columns: table => new
                {
                    selection_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    operation = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    selected_count = table.Column<int>(type: "integer", nullable: false),
                    delta = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_selection_revisions", x => new { x.selection_id, x.number });
                    table.ForeignKey(
                        name: "FK_selection_revisions_selections_selection_id",
                        column: x => x.selection_id,
                        principalTable: "selections",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            // What is there already becomes revision 1.
            migrationBuilder.Sql(
                "INSERT INTO selection_revisions (selection_id, number, operation, selected_count, delta, created_at) "
                + "SELECT id, 1, 'create', selected_count, ''::bytea, created_at FROM selections");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "selection_revisions");

            migrationBuilder.DropColumn(
                name: "first_revision",
                table: "selections");

            migrationBuilder.DropColumn(
                name: "last_revision",
                table: "selections");

            migrationBuilder.DropColumn(
                name: "revision",
                table: "selections");

            migrationBuilder.DropColumn(
                name: "version",
                table: "selections");

            migrationBuilder.DropColumn(
                name: "selections_version",
                table: "scenes");
        }
    }
}
