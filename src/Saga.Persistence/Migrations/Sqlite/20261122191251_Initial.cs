using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Saga.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "scenes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    gaussian_count = table.Column<int>(type: "INTEGER", nullable: false),
                    view_count = table.Column<int>(type: "INTEGER", nullable: false),
                    mask_count = table.Column<int>(type: "INTEGER", nullable: false),
                    bounds_json = table.Column<string>(type: "TEXT", nullable: true),
                    problems_json = table.Column<string>(type: "TEXT", nullable: false),
                    model_json = table.Column<string>(type: "TEXT", nullable: true),
                    model_key = table.Column<string>(type: "TEXT", nullable: true),
                    model_sha256 = table.Column<string>(type: "TEXT", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_scenes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "assets",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    scene_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    key = table.Column<string>(type: "TEXT", nullable: false),
                    file_name = table.Column<string>(type: "TEXT", nullable: false),
                    length = table.Column<long>(type: "INTEGER", nullable: false),
                    sha256 = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_assets", x => x.id);
                    table.ForeignKey(
                        name: "FK_assets_scenes_scene_id",
                        column: x => x.scene_id,
                        principalTable: "scenes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "jobs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    scene_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    stage = table.Column<string>(type: "TEXT", nullable: false),
                    progress = table.Column<double>(type: "REAL", nullable: false),
                    iteration = table.Column<int>(type: "INTEGER", nullable: false),
                    iterations = table.Column<int>(type: "INTEGER", nullable: false),
                    loss = table.Column<double>(type: "REAL", nullable: true),
                    eta_seconds = table.Column<double>(type: "REAL", nullable: true),
                    queued_at = table.Column<long>(type: "INTEGER", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: true),
                    finished_at = table.Column<long>(type: "INTEGER", nullable: true),
                    attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    epoch = table.Column<Guid>(type: "TEXT", nullable: true),
                    heartbeat_at = table.Column<long>(type: "INTEGER", nullable: true),
                    cancel_requested = table.Column<bool>(type: "INTEGER", nullable: false),
                    failure_code = table.Column<string>(type: "TEXT", nullable: true),
                    failure_detail = table.Column<string>(type: "TEXT", nullable: true),
                    options_json = table.Column<string>(type: "TEXT", nullable: false),
                    report_json = table.Column<string>(type: "TEXT", nullable: true),
                    idempotency_key = table.Column<string>(type: "TEXT", nullable: true),
                    checkpoint_key = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_jobs", x => x.id);
                    table.ForeignKey(
                        name: "FK_jobs_scenes_scene_id",
                        column: x => x.scene_id,
                        principalTable: "scenes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "selections",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    scene_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    bits = table.Column<byte[]>(type: "BLOB", nullable: false),
                    gaussian_count = table.Column<int>(type: "INTEGER", nullable: false),
                    selected_count = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_selections", x => x.id);
                    table.ForeignKey(
                        name: "FK_selections_scenes_scene_id",
                        column: x => x.scene_id,
                        principalTable: "scenes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_assets_scene_id_kind",
                table: "assets",
                columns: new[] { "scene_id", "kind" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_jobs_queued_at_id",
                table: "jobs",
                columns: new[] { "queued_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_jobs_scene_id_queued_at",
                table: "jobs",
                columns: new[] { "scene_id", "queued_at" });

            migrationBuilder.CreateIndex(
                name: "IX_jobs_state_queued_at",
                table: "jobs",
                columns: new[] { "state", "queued_at" });

            migrationBuilder.CreateIndex(
                name: "ux_jobs_active_scene",
                table: "jobs",
                column: "scene_id",
                unique: true,
                filter: "state IN ('queued', 'running')");

            migrationBuilder.CreateIndex(
                name: "ux_jobs_idempotency",
                table: "jobs",
                columns: new[] { "scene_id", "idempotency_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_scenes_created_at_id",
                table: "scenes",
                columns: new[] { "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_selections_scene_id_created_at",
                table: "selections",
                columns: new[] { "scene_id", "created_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "assets");

            migrationBuilder.DropTable(
                name: "jobs");

            migrationBuilder.DropTable(
                name: "selections");

            migrationBuilder.DropTable(
                name: "scenes");
        }
    }
}
