using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Storage.Providers.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class EqualCalls : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "EqualCalls",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Grant = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false),
                    Hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    JobId = table.Column<Guid>(type: "uuid", nullable: false),
                    ExpiresAtMs = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EqualCalls", x => new { x.Tenant, x.Grant, x.Hash });
                });

            migrationBuilder.CreateTable(
                name: "OtherNames",
                columns: table => new
                {
                    JobId = table.Column<Guid>(type: "uuid", nullable: false),
                    CorrelationId = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OtherNames", x => new { x.JobId, x.CorrelationId });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_RequestCorrelationId",
                table: "Jobs",
                column: "RequestCorrelationId");

            migrationBuilder.CreateIndex(
                name: "IX_IdempotencyKeys_JobId",
                table: "IdempotencyKeys",
                column: "JobId");

            migrationBuilder.CreateIndex(
                name: "IX_EqualCalls_ExpiresAtMs",
                table: "EqualCalls",
                column: "ExpiresAtMs");

            migrationBuilder.CreateIndex(
                name: "IX_OtherNames_CorrelationId",
                table: "OtherNames",
                column: "CorrelationId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "EqualCalls");

            migrationBuilder.DropTable(
                name: "OtherNames");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_RequestCorrelationId",
                table: "Jobs");

            migrationBuilder.DropIndex(
                name: "IX_IdempotencyKeys_JobId",
                table: "IdempotencyKeys");
        }
    }
}
