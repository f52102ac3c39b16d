using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Storage.Providers.SqlServer.Migrations
{
    /// <inheritdoc />
    public partial class WorkspacesAndWorktrees : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "WorkspacesJson",
                table: "Workers",
                type: "nvarchar(max)",
                nullable: true,
                collation: "Latin1_General_100_BIN2");

            migrationBuilder.AddColumn<string>(
                name: "PlacesJson",
                table: "Requests",
                type: "nvarchar(max)",
                nullable: true,
                collation: "Latin1_General_100_BIN2");

            migrationBuilder.AddColumn<long>(
                name: "DiffBytes",
                table: "Outputs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "Workspace",
                table: "Jobs",
                type: "nvarchar(64)",
                maxLength: 64,
                nullable: true,
                collation: "Latin1_General_100_BIN2");

            migrationBuilder.AddColumn<string>(
                name: "WorktreeJson",
                table: "Attempts",
                type: "nvarchar(max)",
                nullable: true,
                collation: "Latin1_General_100_BIN2");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "WorkspacesJson",
                table: "Workers");

            migrationBuilder.DropColumn(
                name: "PlacesJson",
                table: "Requests");

            migrationBuilder.DropColumn(
                name: "DiffBytes",
                table: "Outputs");

            migrationBuilder.DropColumn(
                name: "Workspace",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "WorktreeJson",
                table: "Attempts");
        }
    }
}
