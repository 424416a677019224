using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Saga.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ApiKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "owner_key_id",
                table: "scenes",
                type: "character varying(16)",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "owner_key_id",
                table: "jobs",
                type: "character varying(16)",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "owner_key_id",
                table: "assets",
                type: "character varying(16)",
                maxLength: 16,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    scope = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    requests_per_minute = table.Column<int>(type: "integer", nullable: true),
                    max_bytes = table.Column<long>(type: "bigint", nullable: true),
                    max_scenes = table.Column<int>(type: "integer", nullable: true),
                    max_jobs = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_api_keys", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_scenes_owner_key_id",
                table: "scenes",
                column: "owner_key_id");

            migrationBuilder.CreateIndex(
                name: "ix_jobs_active_owner",
                table: "jobs",
                column: "owner_key_id",
                filter: "state IN ('queued', 'running')");

            migrationBuilder.CreateIndex(
                name: "IX_assets_owner_key_id",
                table: "assets",
                column: "owner_key_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropIndex(
                name: "IX_scenes_owner_key_id",
                table: "scenes");

            migrationBuilder.DropIndex(
                name: "ix_jobs_active_owner",
                table: "jobs");

            migrationBuilder.DropIndex(
                name: "IX_assets_owner_key_id",
                table: "assets");

            migrationBuilder.DropColumn(
                name: "owner_key_id",
                table: "scenes");

            migrationBuilder.DropColumn(
                name: "owner_key_id",
                table: "jobs");

            migrationBuilder.DropColumn(
                name: "owner_key_id",
                table: "assets");
        }
    }
}
